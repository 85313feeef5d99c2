from standin import main

main("registry")
