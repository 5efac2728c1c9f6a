import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IANA's special-purpose registries: what is not the public internet (RFC 6890 and after). */
const special = new BlockList();
for (const [net, bits] of [
	['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24],
	['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4]
] as const) special.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const) special.addSubnet(net, bits, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
const translated = new BlockList();
translated.addSubnet('64:ff9b::', 96, 'ipv6');
translated.addSubnet('::ffff:0:0', 96, 'ipv6');

/** The IPv4 address in the last 32 bits of an IPv6 one, however it is written. */
function embeddedIpv4(address: string): string {
	const [left = [], right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::').map((side) => (side === '' ? [] : side.split(':')));
	const groups = right === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
	return groups.slice(6).flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join('.');
}

/** Whether an address lies on the public internet. Anything else, and anything that is no address, does not. */
export function isPublicAddress(given: string): boolean {
	const address = given.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
	if (isIPv4(address)) return !special.check(address, 'ipv4');
	if (!isIPv6(address)) return false;
	if (translated.check(address, 'ipv6')) return isPublicAddress(embeddedIpv4(address));
	return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
