/** The further side of a sink whose messages are issues: what people may choose when they ask for one. */
import type { TicketChoices } from '../domain/ticket-wish.ts';

export interface Tracker {
  /** Where issues go, and of which type they are, where nobody says otherwise. */
  readonly project: string;
  readonly type: string;
  choices(project: string, signal: AbortSignal): Promise<TicketChoices>;
}
