import { language } from '../i18n'
import type { components } from './schema'

export type Account = components['schemas']['Account']
type SignedIn = components['schemas']['BrowserSession']

/**
 * State of the session: `unknown` until the cookie was tried; `ended` when it ended while somebody was at work, whose
 * page stays as it is until they have signed in again.
 */
export type State = { status: 'unknown' | 'out' | 'in' | 'ended'; account?: Account }

let state: State = { status: 'unknown' }
let token = ''
let expires = 0
let photoKey = ''
const listeners = new Set<() => void>()
let again: Array<() => void> = [] // requests that wait for somebody to sign in again

function become(next: State) {
  state = next
  for (const listener of listeners) listener()
}

function take(s: SignedIn) {
  token = s.accessToken
  expires = Date.parse(s.expiresAt)
  photoKey = s.photoKey
  const other = state.account && state.account.id !== s.account.id
  if (other) return location.assign('/console/') // another person begins anew: nothing of the one before stays
  become({ status: 'in', account: s.account })
  const waiting = again
  again = []
  for (const go of waiting) go()
}

const post = (path: string, body: unknown) =>
  fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': language() },
    body: JSON.stringify(body),
  })

/** inTurn lets the tabs of a browser change the cookie one after the other: a late answer puts back none that has ended. */
const inTurn = <A>(what: () => Promise<A>): Promise<A> =>
  'locks' in navigator ? (navigator.locks.request('wangge.session', what) as Promise<A>) : what() // without encryption a browser has none

/** refresh brings a new access token by the cookie. */
let refreshing: Promise<'in' | 'out'> | undefined
const refresh = () => (refreshing ??= inTurn(ask).finally(() => (refreshing = undefined)))

async function ask(): Promise<'in' | 'out'> {
  const answer = await post('/v1/sessions/browser/refresh', { account: state.account?.id })
  if (answer.ok) {
    take((await answer.json()) as SignedIn)
    return 'in'
  }
  if (answer.status === 409) location.assign('/console/') // somebody else has signed in in this browser
  if (answer.status === 401 || answer.status === 403 || answer.status === 409) return 'out'
  throw new Error(`refresh: ${answer.status}`)
}

/** Problem is an error of the API, RFC 9457. */
export type Problem = components['schemas']['Problem']

export const session = {
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  get: () => state,
  /** token is the access token of now: it lies in memory only. */
  token: () => token,
  /** fresh is the access token for what asks by itself, as a map does for its tiles: renewed first where it is about to run out. */
  async fresh() {
    if (token && Date.now() > expires - 30_000) await refresh().catch(() => {})
    return token
  },
  /** photo is the address of a photo, which a page's img can ask for. */
  photo: (id: string, size: 'thumb' | 'full' = 'thumb') => `/v1/photos/${id}?size=${size}&key=${encodeURIComponent(photoKey)}`,

  async start() {
    try {
      become({ status: (await refresh()) === 'in' ? 'in' : 'out', account: state.account })
    } catch {
      become({ status: 'out' })
    }
  },
  async signIn(credentials: components['schemas']['Credentials']): Promise<Problem | undefined> {
    const answer = await inTurn(() => post('/v1/sessions/browser', credentials))
    if (!answer.ok) return (await answer.json()) as Problem
    take((await answer.json()) as SignedIn)
  },
  async signOut(to = '/console/') {
    await inTurn(() => fetch(`/v1/sessions/browser?account=${state.account?.id ?? ''}`, { method: 'DELETE' }))
    token = ''
    location.assign(to)
  },

  /**
   * fetch asks the server with the token of now. One that ran out is renewed; where the session has ended, the request
   * waits until somebody has signed in again, so that no form loses what was written in it.
   */
  async fetch(request: Request): Promise<Response> {
    const first = request.clone()
    await session.fresh()
    const answer = await send(request)
    if (answer.status !== 401 || state.status === 'out') return answer
    if ((await refresh()) === 'out') {
      become({ status: 'ended', account: state.account })
      await new Promise<void>((go) => again.push(go))
    }
    return send(first)
  },
}

function send(request: Request) {
  if (new URL(request.url).origin !== location.origin) return fetch(request) // no token leaves for elsewhere
  const headers = new Headers(request.headers)
  if (token) headers.set('Authorization', `Bearer ${token}`)
  headers.set('Accept-Language', language())
  return fetch(new Request(request, { headers }))
}
