import { CheckCircle2 } from 'lucide-react'
import { UNSTABLE_Toast as Toast, UNSTABLE_ToastContent as Content, UNSTABLE_ToastQueue as Queue, UNSTABLE_ToastRegion as Region, Text } from 'react-aria-components'
import css from './ui.module.css'

const queue = new Queue<{ text: string }>({ maxVisibleToasts: 3 })

/** said tells in passing that something is done. */
export const said = (text: string) => void queue.add({ text }, { timeout: 5000 })

export function Toasts() {
  return (
    <Region queue={queue} className={css.toasts}>
      {({ toast }) => (
        <Toast toast={toast} className={css.toast}>
          <CheckCircle2 size={18} aria-hidden />
          <Content><Text slot="title">{toast.content.text}</Text></Content>
        </Toast>
      )}
    </Region>
  )
}
