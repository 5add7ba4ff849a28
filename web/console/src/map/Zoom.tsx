import { Minus, Plus } from 'lucide-react'
import { type RefObject } from 'react'
import { useT } from '../i18n'
import { Button } from '../ui'
import type { Handle } from './Canvas'
import css from './map.module.css'

export function Zoom({ handle }: { handle: RefObject<Handle | null> }) {
  const t = useT()
  return (
    <div className={css.zoom}>
      <Button icon variant="quiet" aria-label={t('放大', 'Zoom in')} onPress={() => handle.current?.zoom(1)}><Plus size={18} /></Button>
      <Button icon variant="quiet" aria-label={t('缩小', 'Zoom out')} onPress={() => handle.current?.zoom(-1)}><Minus size={18} /></Button>
    </div>
  )
}
