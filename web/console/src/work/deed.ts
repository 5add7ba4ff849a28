import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { onceKey, type Problem, type Schemas } from '../api'

/**
 * useDeed gives the Idempotency-Key of what is being sent: the same while the same is sent again, so that it takes effect once
 * whatever became of an answer; another as soon as something else is sent.
 */
export function useDeed() {
  const last = useRef({ body: '', key: '' })
  return (body: unknown) => {
    const text = JSON.stringify(body)
    if (text !== last.current.body) last.current = { body: text, key: onceKey() }
    return { 'Idempotency-Key': last.current.key }
  }
}

/** Wrongs are what the server says of each field, by its pointer. */
export type Wrongs = Record<string, string>

export const wrongsOf = (p: Problem | undefined): Wrongs => Object.fromEntries((p?.errors ?? []).map((e) => [e.pointer, e.detail]))

/** mended is a refusal without what it says of the fields that have been changed since. */
export const mended = (p: Problem | undefined, change: object): Problem | undefined =>
  p && { ...p, errors: p.errors?.filter((e) => !Object.keys(change).some((key) => e.pointer === '/' + key || e.pointer.startsWith(`/${key}/`))) }

/** wrongOf is what is wrong with a field, or with a part of it: '/assignee' has what is said of '/assignee/id'. */
export const wrongOf = (wrongs: Wrongs, pointer: string) => Object.entries(wrongs).find(([p]) => p === pointer || p.startsWith(pointer + '/'))?.[1]

/** useTicketSeen shows a ticket as an answer has it, without waiting for it to be asked for again. */
export function useTicketSeen() {
  const queries = useQueryClient()
  return (ticket: Schemas['Ticket']) => void queries.setQueryData(['get', '/v1/tickets/{id}', { params: { path: { id: ticket.id } } }], ticket)
}

/** useAfresh has what begins with a path asked for again. */
export function useAfresh() {
  const queries = useQueryClient()
  return (...paths: string[]) => void queries.invalidateQueries({ predicate: (q) => paths.some((p) => String(q.queryKey[1]).startsWith(p)) })
}
