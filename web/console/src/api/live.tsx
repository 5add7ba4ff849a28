import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react'
import { api, useSession, type Schemas } from '.'

type Event = Schemas['Event']
type Listener = (e: Event | 'reset') => void

/** State of the stream: `late` while it is lost and being opened again. */
export type LiveState = 'off' | 'on' | 'late'

const listeners = new Set<Listener>()
const Context = createContext<LiveState>('off')

/** useLive calls back for each event of the stream, and with `reset` when everything may have changed. */
export function useLive(listener: Listener) {
  const ref = useRef(listener)
  useEffect(() => {
    ref.current = listener
  })
  useEffect(() => {
    const l: Listener = (e) => ref.current(e)
    listeners.add(l)
    return () => void listeners.delete(l)
  }, [])
}

export const useLiveState = () => useContext(Context)

// What lists and pages ask for again when a thing has changed: the beginnings of the paths.
const touched: Record<string, string[]> = {
  ticket: ['/v1/tickets', '/v1/me/todo', '/v1/works'],
  'followed-ticket': ['/v1/tickets'],
  'intake-case': ['/v1/intake-cases', '/v1/me/todo'],
  visit: ['/v1/visits', '/v1/me/today'],
  stop: ['/v1/stops', '/v1/visits'],
  promise: ['/v1/promises'],
  cell: ['/v1/cells', '/v1/redraws'],
  notice: ['/v1/me/inbox', '/v1/me/todo'],
  inbox: ['/v1/me/inbox'],
}

/**
 * LiveProvider holds the one stream of a tab open while somebody is signed in, and has what is on the page asked for again when it
 * changed. After a break it goes on from where it was.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { status } = useSession()
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('off')

  useEffect(() => {
    if (status !== 'in') return setState('off')
    let over = false
    let source: EventSource | undefined
    let cursor = ''
    let wait = 500
    let timer = 0
    const due = new Set<string>()
    let flushing = 0

    const flush = () => {
      flushing = 0
      const paths = [...due]
      due.clear()
      void queries.invalidateQueries({ predicate: (q) => paths.some((p) => p === '*' || String(q.queryKey[1]).startsWith(p)) })
    }
    const tell = (e: Event | 'reset') => {
      for (const p of e === 'reset' ? ['*'] : (touched[e.what] ?? [])) due.add(p)
      if (due.size && !flushing) flushing = window.setTimeout(flush, 150)
      for (const listener of [...listeners]) listener(e)
    }
    const later = () => {
      source?.close()
      if (over) return
      setState('late')
      window.clearTimeout(timer)
      timer = window.setTimeout(open, wait)
      wait = Math.min(wait * 2, 30_000)
    }
    const open = async () => {
      try {
        const { data } = await api.POST('/v1/events/tickets', {})
        if (over) return
        if (!data) return later()
        const query = new URLSearchParams({ ticket: data.ticket })
        if (cursor) query.set('after', cursor)
        source = new EventSource(`/v1/events?${query}`)
      } catch {
        return later()
      }
      const heard = (e: MessageEvent<string>) => {
        if (e.lastEventId) cursor = e.lastEventId
        wait = 500
        setState('on')
      }
      for (const name of ['change', 'notice'])
        source.addEventListener(name, (e) => {
          heard(e)
          tell(JSON.parse(e.data) as Event)
        })
      source.addEventListener('reset', (e) => {
        heard(e)
        tell('reset')
      })
      source.addEventListener('end', later)
      source.onopen = () => setState('on')
      source.onerror = later
    }
    void open()
    return () => {
      over = true
      window.clearTimeout(timer)
      window.clearTimeout(flushing)
      source?.close()
    }
  }, [status, queries])

  return <Context value={state}>{children}</Context>
}
