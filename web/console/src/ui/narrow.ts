import { useSyncExternalStore } from 'react'

const phone = matchMedia('(max-width: 720px)')

/** useNarrow tells a phone's width from a desk's. */
export const useNarrow = () =>
  useSyncExternalStore((listener) => {
    phone.addEventListener('change', listener)
    return () => phone.removeEventListener('change', listener)
  }, () => phone.matches)
