/** An incident's issue in a tracker: what somebody asked for, what can be chosen, and how a card tells of it. */

/** What a person filled in. `refused`: why the tracker would not have it, until somebody asks again. */
export interface TicketWish {
  readonly project: string;
  readonly type: string;
  /** Null: whatever the project does without. */
  readonly priority: string | null;
  /** Of the tracker's own kind; null: nobody. */
  readonly assignee: string | null;
  readonly summary: string;
  readonly description: string;
  readonly refused?: string;
}

/** What a project offers. */
export interface TicketChoices {
  readonly projects: readonly { readonly key: string; readonly name: string }[];
  readonly types: readonly string[];
  readonly priorities: readonly string[];
  readonly assignees: readonly { readonly id: string; readonly name: string }[];
}

/** `asked`: it is on its way. A card without any is one where no tracker is connected. */
export type CardTicket =
  | { readonly state: 'none' | 'asked' }
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'made'; readonly key: string; readonly url: string | null; readonly status: string | null };

/** What somebody is asked who wants an issue: filled in as far as it can be. Without choices the tracker did not answer in time. */
export interface TicketForm {
  readonly ticket: CardTicket;
  readonly wish: TicketWish;
  readonly choices: TicketChoices | null;
}
