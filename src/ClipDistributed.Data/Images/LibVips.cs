using NetVips;

namespace ClipDistributed.Data.Images;

/// <summary>libvips, which decodes the few kinds of images that Skia changes on the way.</summary>
internal static class LibVips
{
    static LibVips()
    {
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        // What libvips warns of on stderr is in the exception too.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, (_, _, _) => { });
    }

    /// <summary>Once a process: one thread, no cache, no words of its own.</summary>
    public static void SetUp()
    {
        // The static constructor does it.
    }
}
