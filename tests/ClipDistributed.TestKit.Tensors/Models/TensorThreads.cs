using ClipDistributed.Model.Native;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>How many threads compute with the tensors of tests.</summary>
public static class TensorThreads
{
    /// <summary>
    /// The tensors of tests are too small for two threads, and OpenMP's threads spin while they wait for each other: on a
    /// machine whose cores were busy the 20 steps of the trajectory took 96 s with two threads and 1 s with one.
    /// </summary>
    public static void UseOne() => LibTorch.Load(folder: null, threads: 1); // as replicas load it
}
