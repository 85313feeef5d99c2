from standin import main

main("inference")
