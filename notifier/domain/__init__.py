"""Pure rules of the notifier: what a letter says, what a mail server's answer means, how fast mails may go."""
