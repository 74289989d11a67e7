/** The parts of jira-client that are used; its own package has no types, and those of others hide what is public. */
declare module 'jira-client' {
  export interface JiraRequest {
    readonly uri: string;
    readonly method: 'GET' | 'POST';
    readonly body?: unknown;
    readonly auth?: { readonly bearer: string } | { readonly user: string; readonly pass: string; readonly bearer?: undefined };
  }

  export default class JiraClient {
    constructor(options: {
      readonly protocol: string;
      readonly host: string;
      readonly port?: string;
      readonly base?: string;
      readonly apiVersion: string;
      readonly username?: string;
      readonly password?: string;
      readonly bearer?: string;
      /** Takes the place of the library's own way to ask. */
      readonly request: (request: JiraRequest) => Promise<unknown>;
    });
    makeUri(options: {
      readonly pathname: string;
      readonly query?: Readonly<Record<string, string>>;
      readonly intermediatePath?: string;
    }): string;
    makeRequestHeader(uri: string, options?: { readonly method?: 'GET' | 'POST'; readonly body?: unknown }): JiraRequest;
    doRequest(request: JiraRequest): Promise<unknown>;
    addNewIssue(issue: unknown): Promise<unknown>;
    addComment(issueKey: string, body: unknown): Promise<unknown>;
    listTransitions(issueKey: string): Promise<unknown>;
    transitionIssue(issueKey: string, transition: unknown): Promise<unknown>;
  }
}
