import { Check } from 'lucide-react'
import { useId, useMemo, useState } from 'react'
import { Header, ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components'
import { useT } from '../i18n'
import { TextField } from './fields'
import css from './picklist.module.css'

export type Choosable = { id: string; text: string; about?: string; group?: string }

type Props = {
  label: string
  options: Choosable[]
  chosen: string[]
  onChoose: (ids: string[]) => void
  multiple?: boolean
  required?: boolean
  error?: string
  hint?: string
  /** placeholder of the search; with onSearch the server searches, else the options at hand are narrowed. */
  find?: string
  onSearch?: (text: string) => void
  empty?: string
}

/** PickList picks one or several of many things by looking at them: a list in the page, with a search above it. */
export function PickList({ label, options, chosen, onChoose, multiple, required, error, hint, find, onSearch, empty }: Props) {
  const t = useT()
  const id = useId()
  const [text, setText] = useState('')
  const shown = useMemo(() => (onSearch || !text.trim() ? options : options.filter((o) => (o.text + ' ' + (o.about ?? '')).toLowerCase().includes(text.trim().toLowerCase()))), [options, onSearch, text])
  const groups = [...new Set(shown.map((o) => o.group ?? ''))]
  return (
    <div className={css.pick} role="group" aria-labelledby={id}>
      <span id={id} className={css.label}>{label}{required && <span className={css.required} aria-hidden> *</span>}</span>
      {find !== undefined && <TextField label={find} hideLabel placeholder={find} type="search" value={text} onChange={(v) => { setText(v); onSearch?.(v) }} />}
      <ListBox aria-label={label} selectionMode={multiple ? 'multiple' : 'single'} selectedKeys={chosen} className={`${css.list} ${error ? css.wrong : ''}`}
        onSelectionChange={(keys) => onChoose(keys === 'all' ? shown.map((o) => o.id) : [...keys].map(String))}
        renderEmptyState={() => <p className={css.none}>{empty ?? t('没有可选的', 'Nothing to choose from')}</p>}>
        {groups.map((g) => (
          <ListBoxSection key={g} id={'group ' + g} aria-label={g || label}>
            {g && <Header className={css.group}>{g}</Header>}
            {shown.filter((o) => (o.group ?? '') === g).map((o) => (
              <ListBoxItem key={o.id} id={o.id} textValue={[o.text, o.about].filter(Boolean).join(' ')} className={css.item}>
                {({ isSelected }) => (
                  <>
                    <span className={css.tick}>{isSelected && <Check size={15} strokeWidth={2.6} aria-hidden />}</span>
                    <span className={css.words}><span>{o.text}</span>{o.about && <span className={css.about}>{o.about}</span>}</span>
                  </>
                )}
              </ListBoxItem>
            ))}
          </ListBoxSection>
        ))}
      </ListBox>
      {error ? <span className={css.error} role="alert">{error}</span> : hint ? <span className={css.hint}>{hint}</span> : null}
    </div>
  )
}
