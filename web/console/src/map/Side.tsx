import { ChevronDown, ChevronUp } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useT } from '../i18n'
import { useNarrow } from '../ui'
import css from './map.module.css'

const rests = ['low', 'half', 'full'] as const
type Rest = (typeof rests)[number]

/** Side stands beside the map at a desk; on a phone it is a sheet that is drawn up from below, by its handle or a button. */
export function Side({ children, legend, opened }: { children: ReactNode; legend?: ReactNode; opened?: string }) {
  const t = useT()
  const narrow = useNarrow()
  const [rest, setRest] = useState<Rest>('low')
  const [drag, setDrag] = useState<number>()
  const from = useRef<{ y: number; height: number }>(undefined)
  const sheet = useRef<HTMLElement>(null)
  useEffect(() => {
    if (opened) setRest((r) => (r === 'low' ? 'half' : r))
  }, [opened])

  if (!narrow) return <aside className={css.side}>{children}</aside>

  const whole = () => sheet.current!.parentElement!.clientHeight
  const heights = (): Record<Rest, number> => ({ low: 132, half: whole() * 0.52, full: whole() - 64 })
  const end = () => {
    if (drag !== undefined) setRest(rests.reduce((best, r) => (Math.abs(heights()[r] - drag) < Math.abs(heights()[best] - drag) ? r : best)))
    from.current = undefined
    setDrag(undefined)
  }
  const up = rest === 'full'
  return (
    <aside ref={sheet} className={`${css.sheet} ${css[rest]}`} style={drag === undefined ? undefined : { height: drag, transition: 'none' }}>
      <div className={css.grip}
        onPointerDown={(e) => void (from.current = { y: e.clientY, height: sheet.current!.clientHeight })}
        onPointerMove={(e) => {
          if (!from.current || Math.abs(e.clientY - from.current.y) <= 4) return
          e.currentTarget.setPointerCapture(e.pointerId) // only now: what is pressed without being drawn is the button
          setDrag(Math.max(96, Math.min(whole() - 40, from.current.height + from.current.y - e.clientY)))
        }}
        onPointerUp={end} onPointerCancel={end}>
        <button type="button" className={css.gripButton} aria-expanded={rest !== 'low'} aria-label={up ? t('收起面板', 'Lower the panel') : t('展开面板', 'Raise the panel')}
          onClick={() => setRest(rest === 'low' ? 'half' : rest === 'half' ? 'full' : 'low')}>
          <i />{up ? <ChevronDown size={16} aria-hidden /> : <ChevronUp size={16} aria-hidden />}
        </button>
      </div>
      <div className={css.sheetBody}>
        {!opened && legend}
        {children}
      </div>
    </aside>
  )
}
