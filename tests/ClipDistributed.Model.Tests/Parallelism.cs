using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

// libtorch's number of threads and its count of live tensors belong to the process, and tests read both: one test at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace ClipDistributed.Model.Tests;

internal static class Parallelism
{
    [ModuleInitializer]
    internal static void OneThread() => TensorThreads.UseOne();
}
