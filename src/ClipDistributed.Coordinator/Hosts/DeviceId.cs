using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>One device of one host. In the order of ranks: by host, then kind, then index.</summary>
internal readonly record struct DeviceId(string Host, DeviceKind Kind, int Index) : IComparable<DeviceId>
{
    /// <summary>For example <c>cpu:0</c>.</summary>
    public string Name => $"{NameOf(Kind)}:{Index}";

    public static string NameOf(DeviceKind kind) => kind == DeviceKind.Cuda ? "cuda" : "cpu";

    public int CompareTo(DeviceId other)
    {
        int byHost = string.CompareOrdinal(Host, other.Host);
        return byHost != 0 ? byHost : (Kind, Index).CompareTo((other.Kind, other.Index));
    }

    public override string ToString() => $"{Host} {Name}";
}
