import { Check, ChevronDown, Minus } from 'lucide-react'
import { type ReactNode } from 'react'
import {
  Button, Checkbox as BaseCheckbox, FieldError, Input, Label, ListBox, ListBoxItem, Popover, Select as BaseSelect, SelectValue, Text, TextArea as BaseTextArea,
  TextField as BaseTextField, type CheckboxProps, type SelectProps, type TextFieldProps,
} from 'react-aria-components'
import css from './ui.module.css'

type Around = { label: string; hint?: string; error?: string; hideLabel?: boolean; placeholder?: string }

function Name({ label, hideLabel, required }: { label: string; hideLabel?: boolean; required?: boolean }) {
  return (
    <Label className={hideLabel ? 'sr' : css.label}>
      {label}
      {required && <span className={css.required} aria-hidden> *</span>}
    </Label>
  )
}

function Below({ hint, error }: { hint?: string; error?: string }) {
  return (
    <>
      {hint && !error && <Text slot="description" className={css.hint}>{hint}</Text>}
      <FieldError className={css.error}>{error}</FieldError>
    </>
  )
}

/** TextField is a line of text, or several with `rows`. `error` is what the server or the form says of it. */
export function TextField({ label, hint, error, hideLabel, placeholder, rows, ...props }: Omit<TextFieldProps, 'className'> & Around & { rows?: number }) {
  return (
    <BaseTextField {...props} isInvalid={!!error} className={css.field}>
      <Name label={label} hideLabel={hideLabel} required={props.isRequired} />
      {rows ? <BaseTextArea className={css.input} rows={rows} placeholder={placeholder} /> : <Input className={css.input} placeholder={placeholder} />}
      <Below hint={hint} error={error} />
    </BaseTextField>
  )
}

export type Option = { id: string; text: string }

/** Select picks one of some options. An option with the id `''` stands for no choice. */
export function Select({ label, hint, error, hideLabel, placeholder, options, value, onChange, ...props }: Omit<SelectProps<Option>, 'className' | 'children' | 'value' | 'onChange'> &
  Around & { options: Option[]; value: string | null; onChange: (id: string) => void }) {
  return (
    <BaseSelect {...props} isInvalid={!!error} className={css.field} value={value} onChange={(k) => onChange(String(k ?? ''))}>
      <Name label={label} hideLabel={hideLabel} required={props.isRequired} />
      <Button className={`${css.input} ${css.select}`}>
        <SelectValue>{({ selectedText }) => selectedText || placeholder || '—'}</SelectValue>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Below hint={hint} error={error} />
      <Popover className={css.popover}>
        <ListBox items={options}>{(o) => <ListBoxItem id={o.id} textValue={o.text} className={css.option}>{o.text}</ListBoxItem>}</ListBox>
      </Popover>
    </BaseSelect>
  )
}

export function Checkbox({ children, ...props }: Omit<CheckboxProps, 'className' | 'children'> & { children?: ReactNode }) {
  return (
    <BaseCheckbox {...props} className={css.check}>
      {({ isSelected, isIndeterminate }) => (
        <>
          <span className={css.box}>{isIndeterminate ? <Minus size={13} strokeWidth={3} /> : isSelected ? <Check size={13} strokeWidth={3} /> : null}</span>
          {children}
        </>
      )}
    </BaseCheckbox>
  )
}
