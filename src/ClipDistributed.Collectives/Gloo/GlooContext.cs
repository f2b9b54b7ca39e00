using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Gloo;

/// <summary>The shim's context; destroyed when the last call in it has returned.</summary>
internal sealed unsafe class GlooContext(string group) : SafeHandle(0, ownsHandle: true)
{
    public delegate GlooNative.Status Call(GlooNative.Message message);

    public override bool IsInvalid => handle == 0;

    /// <exception cref="BadInputException">The shim or Gloo is not installed, or the address is not this machine's.</exception>
    public static GlooContext Create(GlooOptions options)
    {
        string address = CollectiveAddress.Resolve(options.Address);
        var context = new GlooContext(options.Name);
        try
        {
            context.Run(
                "listen",
                message =>
                    GlooNative.clipd_gloo_create(
                        options.Rank,
                        options.World,
                        address,
                        (long)options.Timeout.TotalMilliseconds,
                        out context.handle,
                        message
                    )
            );
        }
        catch (DllNotFoundException missing)
        {
            string reason =
                missing.Message.Split('\n').FirstOrDefault(line => line.Contains("libgloo", StringComparison.Ordinal))
                ?? "libclipd_gloo.so is not beside the program";
            throw new BadInputException(
                $"Gloo, which joins replicas on CPUs, cannot be loaded ({reason.Trim()}); install it (apt-get install libgloo-dev) and "
                    + $"run make again."
            );
        }
        return context;
    }

    /// <exception cref="CollectiveException">The shim reports a failure.</exception>
    public void Run(string operation, Call call)
    {
        const int capacity = 512;
        byte* text = stackalloc byte[capacity];
        if (call(new GlooNative.Message(text, capacity)) != GlooNative.Status.Ok)
            throw new CollectiveException(operation, group, Marshal.PtrToStringUTF8((nint)text)!);
    }

    protected override bool ReleaseHandle()
    {
        GlooNative.clipd_gloo_destroy(handle);
        return true;
    }
}
