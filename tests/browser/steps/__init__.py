"""What people do on the portal's pages, in the words of the job; the tests string these steps together."""
