import { type ReactNode } from 'react'
import { useSearchParams } from 'wouter'
import css from './ui.module.css'

/**
 * useFilters reads what a page shows from its address and changes it there, so that a view can be shared and Back works. An empty value
 * leaves the address.
 */
export function useFilters() {
  const [params, set] = useSearchParams()
  const get = (name: string) => params.get(name) ?? ''
  const put = (changes: Record<string, string>, options?: { replace?: boolean }) =>
    set((before) => {
      const next = new URLSearchParams(before)
      for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name)
      return next
    }, options)
  return { get, put, query: params.toString() }
}

/** Filters is the row of fields that narrows what a page shows. */
export function Filters({ label, children }: { label: string; children: ReactNode }) {
  return <div role="group" aria-label={label} className={`${css.filters} noprint`}>{children}</div>
}
