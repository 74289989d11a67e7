/** How people and machines speak to the product: something that listens once started. */
export interface Surface {
  start(): Promise<void>;
  /** What is wrong with the connection now; null while it is well. */
  problem(): string | null;
  /** Stops listening; resolves when what was under way has ended. */
  stop(): Promise<void>;
}
