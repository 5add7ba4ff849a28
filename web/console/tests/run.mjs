// Runs the browser's tests: one demonstration and one browser for all of them. `npm test -- NAME` runs those files only.
// WANGGE is a program built before, else it is built here.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const here = import.meta.dirname
const root = join(here, '../../..')
const executablePath = execFileSync('sh', [join(root, 'scripts/get-chromium.sh')], { encoding: 'utf8' }).trim()
const work = mkdtempSync(join(tmpdir(), 'wangge-console-'))
let program = process.env.WANGGE
if (!program) {
  program = join(work, 'wangge')
  execFileSync(process.env.GO ?? 'go', ['build', '-o', program, './cmd/wangge'], { cwd: root, stdio: 'inherit' })
}

const server = spawn(program, ['serve', '--demo', '--data', join(work, 'data'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
let log = ''
const base = await new Promise((found, failed) => {
  const read = (bytes) => {
    log += bytes
    const at = log.match(/answers on (http:\/\/\S+?)[\s(]/)
    if (at) found(at[1])
  }
  server.stdout.on('data', read)
  server.stderr.on('data', read)
  server.on('exit', (code) => failed(new Error(`the server ended with ${code}:\n${log}`)))
})

const browser = await chromium.launchServer({ executablePath, args: ['--no-sandbox'] })
const named = process.argv.slice(2)
const files = readdirSync(here).filter((f) => f.endsWith('.test.mjs') && (!named.length || named.some((n) => f.startsWith(n)))).map((f) => join(here, f))
const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', ...files], {
  stdio: 'inherit',
  env: { ...process.env, CONSOLE_BASE: base, CONSOLE_BROWSER: browser.wsEndpoint(), CONSOLE_PROGRAM: program, CONSOLE_WORK: work },
})
const code = await new Promise((ended) => tests.on('exit', (c) => ended(c ?? 1)))

await browser.close()
server.removeAllListeners('exit')
await new Promise((ended) => {
  server.on('exit', ended)
  server.kill('SIGTERM')
})
rmSync(work, { recursive: true, force: true })
if (code) process.stderr.write(log.split('\n').filter((l) => /level=(WARN|ERROR)/.test(l)).slice(-40).join('\n') + '\n')
process.exit(code)
