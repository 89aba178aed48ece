"""Pages of judging hard cases, for staff: `lists`, `asking` (ask for opinions), `consulting` (one consultation),
`papers` (pictures and documents), `dossiers`; `common` is what they share."""
