"""What the page and the HTTP endpoint share: forms, jobs, sessions, messages, assessments, a borrowed GPU."""
