import debugQueueModule from './index.cjs';

export const { createDebugQueue, debugQueue, log } = debugQueueModule;
