namespace ClipDistributed.WorkerHost.Devices;

/// <summary>Where this machine's GPUs are listed, without loading CUDA.</summary>
internal interface IGpuInventory
{
    /// <returns>In the order of the PCI bus; null: this source does not know.</returns>
    IReadOnlyList<NvidiaGpu>? Find();
}
