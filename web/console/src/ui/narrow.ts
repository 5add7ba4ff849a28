import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const watched = (query: string) => {
  const media = matchMedia(query)
  const subscribe = (listener: () => void) => {
    const heard = () => flushSync(listener) // before it is printed, not after
    media.addEventListener('change', heard)
    return () => media.removeEventListener('change', heard)
  }
  return () => useSyncExternalStore(subscribe, () => media.matches)
}

/** useNarrow tells a phone's width from a desk's. */
export const useNarrow = watched('(max-width: 720px)')

/** usePrinting is true while the page is put on paper. */
export const usePrinting = watched('print')
