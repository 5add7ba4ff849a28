import createClient from 'openapi-fetch'
import createQueries from 'openapi-react-query'
import { useSyncExternalStore } from 'react'
import type { components, paths } from './schema'
import { session, type Problem } from './session'

export { session, type Account, type Problem } from './session'

/** Schemas are the shapes of the contract: `Schemas['Ticket']`. */
export type Schemas = components['schemas']

/** api asks the server; its paths, bodies and answers are typed by the contract. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: session.fetch, querySerializer: { array: { style: 'form', explode: false } } })

/** $api is the same for components: `$api.useQuery('get', '/v1/tickets/{id}', {params: {path: {id}}})`. */
export const $api = createQueries(api)

export const useSession = () => useSyncExternalStore(session.subscribe, session.get)

/** useAccount is who is signed in; the console shows nothing else until somebody is. */
export function useAccount() {
  const { account } = useSession()
  if (!account) throw new Error('nobody is signed in')
  return account
}

/** isProblem tells an answer of the server from a request that never got one. */
export const isProblem = (e: unknown): e is Problem => typeof e === 'object' && e !== null && 'code' in e && 'status' in e

/** onceKey is an Idempotency-Key: the same for each time one deed is sent. */
export const onceKey = () => crypto.randomUUID()

/** paged goes through a list page by page: `$api.useInfiniteQuery('get', '/v1/stops', {…}, paged)`. */
export const paged = { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (page: { next: string | null }) => page.next ?? undefined }
