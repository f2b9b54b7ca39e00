using System.Runtime.CompilerServices;
using ClipDistributed.Model.Native;
using Xunit.Sdk;
using Xunit.v3;

// libtorch's number of threads and its count of live tensors belong to the process, and tests read both: one test at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace ClipDistributed.Model.Tests;

internal static class Parallelism
{
    /// <summary>
    /// The tensors of tests are too small for two threads, and OpenMP's threads spin while they wait for each other: on a
    /// machine whose cores were busy the 20 steps of the trajectory took 96 s with two threads and 1 s with one.
    /// </summary>
    [ModuleInitializer]
    internal static void OneThread() => LibTorch.Load(folder: null, threads: 1); // as replicas load it
}
