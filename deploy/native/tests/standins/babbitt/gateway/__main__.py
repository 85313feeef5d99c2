from standin import main

main("gateway")
