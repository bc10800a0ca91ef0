"""What a lead does about the work of all: looks at it, evens it out, undoes a deed."""
