/** What the sink contract needs of one sink: its system as a stand-in that can be looked at and made to misbehave. */
import type { Tools } from '../../../src/adapter.ts';
import type { FailureCode } from '../../../src/domain/failure.ts';
import type { Sink } from '../../../src/ports.ts';

export type Trouble = 'too busy' | 'broken' | 'refuses our key' | 'refuses the message' | 'answer lost' | 'request lost' | 'silent';

export interface StandIn {
  readonly sink: Sink;
  readonly channel: string;
  /** Messages about incidents that people see now. */
  shown(): readonly string[];
  /** Meets the next message that would be shown, or the next `times` calls. */
  misbehave(trouble: Trouble): void;
  recover(): void;
  /** People take the last message away. */
  removeLast(): void;
  /** Why the system refused what it was sent, if it did. */
  refusals(): readonly string[];
  stop(): Promise<void>;
}

export interface SinkFixture {
  /** Must never turn up in an error. */
  readonly secret: string;
  /** A letter that was sent stands as it is: what changes is told in another. */
  readonly messages: 'editable' | 'letters';
  /** What a system that is too busy says; one that names no time is given one. */
  readonly tooBusy: { readonly code: FailureCode; readonly retryAfterMs: number };
  start(tools: Tools): Promise<StandIn>;
}
