namespace ClipDistributed.Benchmarks.Gpu.Running;

/// <summary>One thing that is checked, in a process of its own.</summary>
/// <param name="Name">The command, and which of its checks this is where it has several.</param>
/// <param name="Bound">How long it may take; then its process is ended.</param>
/// <param name="Run">What that process does.</param>
internal sealed record GpuCheck(string Name, TimeSpan Bound, Action<CheckReport> Run);
