/** Names of members whose whole text is secret, as in `{ "password": "…" }` read from JSON. */
const secretName =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|secretkey|signingkey|encryptionkey|accountkey|authkey|authorization|cookie|credentials?|connectionstring|sessionkey)$/;

const states = /^(?:|null|none|true|false|expired|invalid|missing|required|ok|unknown|\*+|\$\{.*\})$/i;

export function isSecretName(name: string, text: string): boolean {
  return secretName.test(name.toLowerCase().replace(/[^a-z]/g, '')) && !states.test(text);
}
