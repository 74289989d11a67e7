/** Something an orchestrator says of a service's replicas that keeps them from serving, e.g. `CrashLoopBackOff`. */
export interface Condition {
  readonly service: string;
  readonly kind:
    | 'crash loop'
    | 'image not pulled'
    | 'not schedulable'
    | 'out of memory'
    | 'not ready'
    | 'bad configuration'
    | 'no endpoints';
  readonly at: number;
  /** One sentence with the orchestrator's own words. */
  readonly text: string;
}
