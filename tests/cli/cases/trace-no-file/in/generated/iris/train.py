"""Train the model."""
import csv


def parse_arguments():
    return None


def main():
    global rows, model
    rows = list(csv.reader(open('data.csv')))
    model = max(rows)
    print(model)


main()
