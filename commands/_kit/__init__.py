"""The kit that every command is made with: definition, fields, plan, document, errors, roles."""
