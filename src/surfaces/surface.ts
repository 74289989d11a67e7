/** How people and machines speak to the product: something that listens once started. */
export interface Surface {
  start(): Promise<void>;
  /** Stops listening; resolves when what was under way has ended. */
  stop(): Promise<void>;
}
