using System.Text;
using ClipDistributed.Contracts.Links;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>Says with every call who makes it, for the run's events. It is no proof of who that is.</summary>
internal static class Requester
{
    /// <summary>As in <c>ann@workstation</c>.</summary>
    public static string Name => $"{Environment.UserName}@{Environment.MachineName}";

    public static CallInvoker Calls(GrpcChannel channel) => channel.Intercept(headers =>
    {
        headers.Add(RequesterHeader.Name, Encoding.UTF8.GetBytes(Name));
        return headers;
    });
}
