import { gzipSync } from 'node:zlib';

const block = 512;

/** A ustar header: of a plain file, readable by all, made at the beginning of time so that the same files give the same archive. */
function header(name: string, size: number): Buffer {
	const head = Buffer.alloc(block);
	const put = (text: string, at: number) => head.write(text, at, 'latin1');
	put(name, 0);
	put('0000644\0', 100);
	put('0000000\0', 108);
	put('0000000\0', 116);
	put(`${size.toString(8).padStart(11, '0')}\0`, 124);
	put('00000000000\0', 136);
	put('        ', 148); // the checksum counts itself as spaces
	put('0', 156);
	put('ustar\x0000', 257);
	const sum = head.reduce((total, byte) => total + byte, 0);
	put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	return head;
}

/** Files as npm packs them: in a folder `package`, gzipped. Names are ASCII and short. */
export function npmTarball(files: Record<string, string | Buffer>): Buffer {
	const parts = Object.entries(files).flatMap(([name, content]) => {
		const bytes = Buffer.from(content);
		return [header(`package/${name}`, bytes.length), bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
	});
	return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]), { level: 9 });
}
