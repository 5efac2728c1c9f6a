import { fork } from 'node:child_process';
import { tinyModel } from '../tests/support/models.ts';
import { mkdtempSync } from 'node:fs';
const dir=mkdtempSync('/tmp/prof-'); const path=tinyModel(dir);
for (let i=0;i<4;i++){
const t0=performance.now();
const c=fork('src/lib/server/pool/engine/child.ts',[],{execArgv:['--disable-warning=ExperimentalWarning'],stdio:['ignore','inherit','inherit','ipc'],env:{PATH:process.env.PATH!,HOME:process.env.HOME!}});
c.send({type:'open',options:{ modelPath:path, contextLength: 512, slots: 4, batchSize: 128, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' }});
await new Promise<void>(r=>c.on('message',(m:any)=>{ if(m.type==='opened'||m.type==='openFailed'){console.log(m.type,(performance.now()-t0)|0); c.send({type:'close'});} if(m.type==='closed') r();}));
await new Promise(r=>setTimeout(r,100));
}
