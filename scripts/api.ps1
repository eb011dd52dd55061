<#
.SYNOPSIS
Uses the API of a running service, and says of each request whether it answered as it should.

.DESCRIPTION
Without -Send it only looks, and is safe anywhere. With it, it also stops and starts sending, queues one SMS to that
number, and waits until it is sent. Ends with 0 if all is well, else with 1. Sending that somebody has stopped stays so,
and sending that it has stopped itself is started in any case. Works in Windows PowerShell 5.1 and later.

.EXAMPLE
.\scripts\api.ps1
.EXAMPLE
.\scripts\api.ps1 -Url http://127.0.0.1:8080 -Send +905551234567
#>
param(
    [string] $Url = 'http://127.0.0.1:8080',
    [string] $Send = ''
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Url = $Url.TrimEnd('/')
$script:failures = 0
$script:body = ''

function Write-Failure([string] $Text) {
    Write-Host "FAILED  $Text" -ForegroundColor Red
    $script:failures += 1
}

# Asks, and compares the status. Gives whether it was the right one.
function Invoke-Check([string] $Method, [string] $Path, [int] $Expected, [string] $Json = '') {
    $request = @{ Uri = "$Url$Path"; Method = $Method; UseBasicParsing = $true; TimeoutSec = 15 }
    if ($Json -ne '') {
        $request.Body = $Json
        $request.ContentType = 'application/json'
    }
    $script:body = ''
    try {
        $answer = Invoke-WebRequest @request
        $status = [int] $answer.StatusCode
        $script:body = [string] $answer.Content
    }
    catch {
        # A status that is no success is an exception here.
        $response = $_.Exception.PSObject.Properties['Response']
        if ($null -eq $response -or $null -eq $response.Value) {
            Write-Failure "${Method} ${Path}: no answer: $($_.Exception.Message)"
            return $false
        }
        $status = [int] $response.Value.StatusCode
    }
    if ($status -ne $Expected) {
        Write-Failure "${Method} ${Path}: $status instead of $Expected"
        return $false
    }
    Write-Host "ok      ${Method} ${Path}: $status"
    return $true
}

function Test-Has([string] $Text) {
    if (-not $script:body.Contains($Text)) { Write-Failure "the answer has no $Text" }
}

if (Invoke-Check GET '/health' 200) { Test-Has '"status"' }
if (Invoke-Check GET '/version' 200) { Test-Has '"version"' }
[void] (Invoke-Check GET '/livez' 200)
[void] (Invoke-Check GET '/readyz' 200)
if (Invoke-Check GET '/metrics' 200) { Test-Has 'message_dispatcher_build_info' }
if (Invoke-Check GET '/api/openapi.json' 200) { Test-Has '"openapi"' }
if (Invoke-Check GET '/api/messages/sent?limit=5' 200) { Test-Has '"messages"' }
if (Invoke-Check GET '/api/messages?status=queued&limit=5' 200) { Test-Has '"messages"' }
[void] (Invoke-Check GET '/api/messages/999999999999' 404)
[void] (Invoke-Check GET '/api/nothing' 404)
[void] (Invoke-Check POST '/api/messages' 422 '{"content":"no number"}')

# Waits until it is sent, at most five minutes; an answer that does not come is asked for again.
function Wait-Sent([string] $Id) {
    foreach ($try in 1..300) {
        try {
            $found = Invoke-WebRequest -Uri "$Url/api/messages/$Id" -UseBasicParsing -TimeoutSec 15
            if (([string] $found.Content).Contains('"status":"sent"')) {
                Write-Host "ok      message $Id is sent"
                return
            }
        }
        catch {
            Write-Verbose "no answer: $($_.Exception.Message)"
        }
        Start-Sleep -Seconds 1
    }
    Write-Failure "message $Id is not sent after five minutes; see $Url/api/messages/$Id"
}

# What is queued while sending is stopped stays; what is queued goes out once sending is on.
function Test-Send {
    if (-not (Invoke-Check GET '/health' 200)) { return }
    if (-not $script:body.Contains('"processing_status":"running"')) {
        Write-Failure 'sending is stopped already: whoever did that starts it, and then -Send works'
        return
    }
    $id = ''
    try {
        if (Invoke-Check POST '/api/messaging/stop' 200) { Test-Has '"stopped"' }
        $message = @{ phone_number = $Send; content = 'Sent by scripts/api.ps1.' } | ConvertTo-Json -Compress
        if (Invoke-Check POST '/api/messages' 201 $message) {
            $id = [string] ($script:body | ConvertFrom-Json).id
            if (Invoke-Check GET "/api/messages/$id" 200) { Test-Has '"queued"' }
        }
    }
    finally {
        # Nobody finds sending stopped because a check failed, or was ended by Ctrl-C.
        if (Invoke-Check POST '/api/messaging/start' 200) { Test-Has '"started"' }
        else { Write-Host "SENDING IS STOPPED: POST $Url/api/messaging/start" -ForegroundColor Red }
    }
    if ($id -ne '') { Wait-Sent $id }
}

if ($Send -ne '') { Test-Send }

if ($script:failures -gt 0) {
    Write-Host "$($script:failures) of the checks failed at $Url" -ForegroundColor Red
    exit 1
}
Write-Host "all is well at $Url"
