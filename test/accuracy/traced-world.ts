/** A system whose requests are traced: what the faults need to know of it. */
import type { FolderService } from './folder.ts';
import type { Random } from './random.ts';
import type { Request } from './requests.ts';

export interface TracedWorld {
  readonly name: string;
  /** Services whose cases are closed: reported, never designed on. */
  isClosed(service: string): boolean;
  readonly services: readonly string[];
  /** Requests of two sessions: one to lay the normal period from, one for the minutes before the alert. */
  readonly normal: readonly Request[];
  readonly later: readonly Request[];
  /** Whether spans say kind and status. */
  readonly statuses: boolean;
  readonly logs: boolean;
  /** A line as this system writes errors. */
  errorLine(service: string, message: string, random: Random): string;
  /** Host and port under which others know a service. */
  endpoint(service: string): string;
  readonly directory: readonly FolderService[];
  /** Every instance is measured, in more than CPU and memory. */
  readonly gauges?: boolean;
}
