import { Plus, Trash2 } from 'lucide-react'
import { useT } from '../../i18n'
import { Button, Select, TextField } from '../../ui'
import { useCategories } from '../categories'
import { wrongOf } from '../deed'
import css from '../work.module.css'
import { streetOf, type FieldProps } from './fields'

/** ChildrenField: what one report of several matters is split into, each with a category and a title. */
export function ChildrenField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const { offered } = useCategories(streetOf(tickets))
  const first = tickets[0]!
  const least = first.state === 'split' ? 1 : 2
  const children: NonNullable<FieldProps['draft']['children']> = draft.children ?? Array.from({ length: least }, () => ({ category: first.category, title: '' }))
  const change = (i: number, part: Partial<(typeof children)[number]>) => set({ children: children.map((c, k) => (k === i ? { ...c, ...part } : c)) })
  const general = wrongs['/children']
  return (
    <div className={css.children}>
      {children.map((c, i) => (
        <fieldset key={i} className={css.child}>
          <legend>{t(`第 ${i + 1} 件`, `Part ${i + 1}`)}</legend>
          {children.length > least && <Button variant="quiet" icon size="small" aria-label={t(`去掉第 ${i + 1} 件`, `Remove part ${i + 1}`)} onPress={() => set({ children: children.filter((_, k) => k !== i) })}><Trash2 size={15} /></Button>}
          <TextField label={t('标题', 'Title')} isRequired maxLength={100} value={c.title} onChange={(title) => change(i, { title })} error={wrongOf(wrongs, `/children/${i}/title`)} />
          <Select label={t('类别', 'Category')} isRequired options={offered.map((k) => ({ id: k.code, text: k.name }))} value={c.category} onChange={(category) => change(i, { category })} error={wrongOf(wrongs, `/children/${i}/category`)} />
          <TextField label={t('内容', 'What it is about')} rows={2} maxLength={4000} value={c.description ?? ''} onChange={(description) => change(i, { description: description || undefined })} error={wrongOf(wrongs, `/children/${i}/description`)} />
        </fieldset>
      ))}
      {children.length < 10 && <Button size="small" onPress={() => set({ children: [...children, { category: first.category, title: '' }] })}><Plus size={15} aria-hidden />{t('再加一件', 'Another part')}</Button>}
      {general && <span className={css.wrong} role="alert">{general}</span>}
    </div>
  )
}
