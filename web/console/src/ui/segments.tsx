import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { type ReactNode } from 'react'
import css from './segments.module.css'

/** Segments picks one of a few, all of which are in sight. */
export function Segments<Id extends string>({ label, value, options, onChange }: { label: string; value: Id; options: { id: Id; text: ReactNode; name?: string }[]; onChange: (id: Id) => void }) {
  return (
    <ToggleButtonGroup className={css.segments} aria-label={label} selectionMode="single" disallowEmptySelection selectedKeys={[value]} onSelectionChange={(keys) => onChange([...keys][0] as Id)}>
      {options.map((o) => <ToggleButton key={o.id} id={o.id} aria-label={o.name} className={css.segment}>{o.text}</ToggleButton>)}
    </ToggleButtonGroup>
  )
}
