/** MCP over Streamable HTTP, both eras: a server is made for each request, and there are no sessions. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createMcpServer, type McpOptions } from './server.ts';

/** Answers one request of somebody who was let in. */
export type Mcp = (request: Request, who: Pick<McpOptions, 'person' | 'mayGiveFeedback'>) => Promise<Response>;

export function createMcp(options: Omit<McpOptions, 'person' | 'mayGiveFeedback'>): Mcp {
  return (request, who) => createMcpHandler(() => createMcpServer({ ...options, ...who })).fetch(request);
}
