/**
 * Who asks, where requests come through proxies. What `X-Forwarded-For` says is anybody's word but for the hops that the operator
 * named: it is read from the right, each entry written by the hop after it, up to the first that is not trusted.
 *
 *   socket 10.0.0.2 (trusted)   X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.7 (trusted)   →  203.0.113.9
 */
import { BlockList, isIP } from 'node:net';
import { Failure } from '../../domain/failure.ts';

/** The address to count by; the socket's own where no trusted hop says otherwise. */
export type ClientAddress = (request: Request, socketAddress: string | undefined) => string | undefined;

/** `trusted`: addresses and networks (`10.0.0.0/8`), comma-separated. Throws Failure `bad_config` for what is neither. */
export function createClientAddress(trusted: string | undefined): ClientAddress {
  const networks = readNetworks(trusted ?? '');
  if (networks === null)
    throw new Failure('bad_config', 'http', 'read TRACEPULSE_TRUSTED_PROXIES', {
      hint: 'each must be an address, or a network such as 10.0.0.0/8',
    });
  if ((trusted ?? '') === '') return (_, address) => address;
  const isTrusted = (address: string) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (request, socketAddress) => {
    let client = socketAddress === undefined ? undefined : plain(socketAddress);
    const hops = (request.headers.get('x-forwarded-for') ?? '').split(',').map((hop) => plain(hop.trim()));
    while (client !== undefined && isTrusted(client)) {
      const before = hops.pop();
      // Nobody on the proxy's own machine: a proxy that hands on what it was told would let everybody say so.
      if (before === undefined || isIP(before) === 0 || isOwn(before)) break;
      client = before;
    }
    return client;
  };
}

const isOwn = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** For `check`, which opens no door: what it calls good must not be refused at start. In the words of the setting itself, so that it is said once. */
export function proxyProblems({ TRACEPULSE_TRUSTED_PROXIES: trusted = '' }: Readonly<Record<string, string | undefined>>) {
  const problem = 'must be addresses or networks such as 10.0.0.0/8, separated by commas';
  return readNetworks(trusted) === null ? [{ variable: 'TRACEPULSE_TRUSTED_PROXIES', problem }] : [];
}

/** What is allowed and seldom meant. */
export function proxyWarnings({ TRACEPULSE_TRUSTED_PROXIES: trusted = '' }: Readonly<Record<string, string | undefined>>) {
  const problem = 'names everybody: whoever reaches us may say which address they ask from';
  return /\/0+\s*(?:,|$)/.test(trusted) ? [{ variable: 'TRACEPULSE_TRUSTED_PROXIES', problem }] : [];
}

/** Null where one is none. */
export function readNetworks(text: string): BlockList | null {
  const networks = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', bits, rest] = entry.split('/');
    const version = isIP(address);
    if (version === 0 || rest !== undefined) return null;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) networks.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32)) networks.addSubnet(address, Number(bits), family);
    else return null;
  }
  return networks;
}

/** As sockets and proxies write them: IPv4 within IPv6, a port, brackets. */
function plain(address: string): string {
  const bare = address.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(bare) === 0 ? bare.replace(/^(\d[\d.]*):\d+$/, '$1') : bare;
}
