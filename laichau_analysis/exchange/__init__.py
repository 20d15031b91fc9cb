"""Other towns and other tools: a first data set, a workbook to type figures into, and its way back."""
