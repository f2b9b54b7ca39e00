namespace ClipDistributed.Data.Tars;

/// <summary>A file in a tar.</summary>
/// <param name="Name">As stored; it is a name and no path: nothing is ever written under it.</param>
/// <param name="Header">Where the first header that belongs to it begins.</param>
/// <param name="Start">Where its bytes begin.</param>
/// <param name="Size">How many they are.</param>
internal readonly record struct TarMember(string Name, long Header, long Start, long Size)
{
    /// <summary>Where the next header begins.</summary>
    public long End => Start + Padded(Size);

    /// <summary>Members begin at multiples of 512.</summary>
    public static long Padded(long size) => (size + TarHeader.Length - 1) / TarHeader.Length * TarHeader.Length;
}
