/* A cooling fin of aluminium, heated from room temperature until nothing changes.
 *
 *   fin fin.in > output
 *
 * Input: lines "length", "base", "tip" (all in m). Explicit finite volumes in one
 * dimension, which blow up where the step in time is too long for the cells: short fins
 * have short cells. Exit codes: 0, 1 for bad input, 2 for divergence.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 40

static const double conductivity = 200.0; /* W/(m K) */
static const double density = 2700.0;     /* kg/m3 */
static const double capacity = 900.0;     /* J/(kg K) */
static const double transfer = 50.0;      /* W/(m2 K), to the air on both faces */
static const double width = 0.1;          /* m */
static const double excess = 60.0;        /* K, of the base over the air */
static const double step = 2e-3;          /* s */
static const double wanted = 25.0;        /* W */

static double read_number(const char *path, const char *wanted_name)
{
    char name[64];
    double value;
    FILE *file = fopen(path, "r");
    while (file && fscanf(file, "%63s %lf", name, &value) == 2) {
        if (strcmp(name, wanted_name) == 0) {
            fclose(file);
            return value;
        }
    }
    fprintf(stderr, "fin: no number for '%s' in %s\n", wanted_name, path);
    exit(1);
}

/* Heat that flows from the base, in W, once nothing changes any more. */
static double heat_flow(double length, double base, double tip)
{
    double t[CELLS] = {0}, flow[CELLS + 1] = {0};
    const double dx = length / CELLS;
    for (long n = 0; n < 10000000; n++) {
        double change = 0.0;
        flow[0] = conductivity * width * base * (excess - t[0]) / (dx / 2);
        for (int i = 1; i < CELLS; i++) {
            const double thick = base + (tip - base) * i / CELLS;
            flow[i] = conductivity * width * thick * (t[i - 1] - t[i]) / dx;
        }
        for (int i = 0; i < CELLS; i++) {
            const double thick = base + (tip - base) * (i + 0.5) / CELLS;
            const double loss = transfer * 2 * width * dx * t[i];
            const double mass = density * width * thick * dx;
            const double rate = (flow[i] - flow[i + 1] - loss) / (mass * capacity);
            t[i] += step * rate;
            change = fmax(change, fabs(rate));
        }
        if (!(fabs(t[0]) < 10 * excess)) {
            fprintf(stderr, "fin: diverged in step %ld\n", n);
            fprintf(stderr, "fin: cells of %.3g m are too short for %g s\n", dx, step);
            exit(2);
        }
        if (n % 1000 == 0)
            printf("step %ld flow = %.6e W\n", n, flow[0]);
        if (change < 1e-6)
            break;
    }
    return flow[0];
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: fin INPUT\n");
        return 1;
    }
    const double length = read_number(argv[1], "length");
    const double base = read_number(argv[1], "base");
    const double tip = read_number(argv[1], "tip");
    const double flow = heat_flow(length, base, tip);
    const double mass = 1e3 * density * width * length * (base + tip) / 2;
    const double missing = fmax(0.0, wanted - flow);
    printf("flow = %.10e W\nmass = %.10e g\n", flow, mass);
    printf("cost = %.10e\n", mass + missing * missing);
    return 0;
}
