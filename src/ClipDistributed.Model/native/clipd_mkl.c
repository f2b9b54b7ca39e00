/* MKL inside libtorch asks this function of its own whether the processor is Intel's, and gives all others its AVX2 kernels.
   On AMD's Zen 4 and 5 the AVX-512 ones are about twice as fast. Loaded before libtorch, this answer is found first. */
int mkl_serv_intel_cpu_true(void);

int mkl_serv_intel_cpu_true(void) {
    return 1;
}
