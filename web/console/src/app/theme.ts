import { useSyncExternalStore } from 'react'

export type Theme = 'auto' | 'light' | 'dark'

const key = 'wangge.theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

const chosen = (): Theme => {
  const kept = localStorage.getItem(key)
  return kept === 'light' || kept === 'dark' ? kept : 'auto'
}
const shown = () => (chosen() === 'auto' ? (system.matches ? 'dark' : 'light') : (chosen() as 'light' | 'dark'))

function apply() {
  document.documentElement.dataset.theme = shown()
  for (const listener of listeners) listener()
}
system.addEventListener('change', apply)
apply()

export function setTheme(theme: Theme) {
  localStorage.setItem(key, theme)
  apply()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
export const useTheme = () => useSyncExternalStore(subscribe, chosen)
/** useShade is what is shown: what draws by itself, as a map does, asks for it. */
export const useShade = () => useSyncExternalStore(subscribe, shown)
