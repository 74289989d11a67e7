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
  /** Of the service's replicas, those it is said of; not given: of all. */
  readonly share?: number;
  /** One sentence with the orchestrator's own words. */
  readonly text: string;
}
